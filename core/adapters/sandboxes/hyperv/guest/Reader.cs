// What a program writes, up to a bound.
using System;
using System.IO;
using System.IO.Pipes;
using System.Threading;
using Microsoft.Win32.SafeHandles;

namespace Dexter {
    internal sealed class Reader : IDisposable {
        private readonly AnonymousPipeServerStream pipe =
            new AnonymousPipeServerStream(PipeDirection.In, HandleInheritability.Inheritable);
        private readonly MemoryStream kept = new MemoryStream();
        private readonly int most;
        private int told;
        private Thread mover;
        public volatile bool Full;

        public Reader(int most) {
            this.most = most;
        }

        public SafePipeHandle Theirs {
            get { return pipe.ClientSafePipeHandle; }
        }

        public void Start() {
            pipe.DisposeLocalCopyOfClientHandle();
            mover = new Thread(Move);
            mover.IsBackground = true;
            mover.Start();
        }

        public bool Finish() {
            mover.Join(5000);
            return Full;
        }

        public string Text() {
            lock (kept) {
                return Convert.ToBase64String(kept.ToArray());
            }
        }

        // What has come since the last time; the first of it alone, where there is much: the rest comes at the end.
        public string News(int most) {
            lock (kept) {
                int from = told;
                told = Math.Max(from, Math.Min((int)kept.Length, most));
                return Convert.ToBase64String(kept.GetBuffer(), from, told - from);
            }
        }

        public void Dispose() {
            pipe.Dispose();
        }

        private void Move() {
            var chunk = new byte[65536];
            try {
                for (int read = pipe.Read(chunk, 0, chunk.Length); read > 0; read = pipe.Read(chunk, 0, chunk.Length)) {
                    lock (kept) {
                        int room = most - (int)kept.Length;
                        kept.Write(chunk, 0, Math.Min(read, room));
                        Full |= read > room;
                    }
                }
            } catch (IOException) {
                // it ended
            } catch (ObjectDisposedException) {
                // the run is over
            }
        }
    }
}
