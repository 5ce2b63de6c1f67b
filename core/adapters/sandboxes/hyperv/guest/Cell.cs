// Runs one program in the guest with fewer rights than the one that watches it, and says how it ended.
// All of this is C# 5, which Windows PowerShell compiles by itself.
using System;
using System.Diagnostics;
using System.IO;
using System.IO.Pipes;
using System.Threading;

namespace Dexter {
    public sealed class Order {
        public string[] Words;  // the first is the path of an .exe
        public string Folder;
        public string Input;  // a file
        public string[] Environment;
        public double Seconds;
        public long Memory;
        public int Output;
        public int Processes;
    }

    public sealed class Ended {
        public string How;
        public long Code;
        public double Cpu;
        public long Peak;
        public string Out;  // Base64, because a program may write any bytes
        public string Err;
    }

    public static class Cell {
        internal static Ended Run(Order order, Action<Reader, Reader> begun) {
            using (var job = new Job(order.Memory, order.Processes))
            using (var token = Token.Lesser())
            using (var input = new AnonymousPipeServerStream(PipeDirection.Out, HandleInheritability.Inheritable))
            using (var output = new Reader(order.Output))
            using (var errors = new Reader(order.Output))
            using (var child = new Child(token.Handle, order, input.ClientSafePipeHandle, output.Theirs, errors.Theirs)) {
                job.Take(child.Process);
                input.DisposeLocalCopyOfClientHandle();
                output.Start();
                errors.Start();
                begun(output, errors);
                Feed(input, order.Input);
                child.Resume();
                string how = Watched(job, child, order.Seconds, () => output.Full || errors.Full);
                long code = child.Code();
                job.End();
                bool full = output.Finish() | errors.Finish();
                return new Ended {
                    How = how == "exited" && full ? "too much output" : how,
                    Code = code,
                    Cpu = job.Cpu(),
                    Peak = job.Peak(),
                    Out = output.Text(),
                    Err = errors.Text()
                };
            }
        }

        private static string Watched(Job job, Child child, double seconds, Func<bool> full) {
            var clock = Stopwatch.StartNew();
            while (true) {
                bool over = child.Over();
                if (job.Overran(over ? 0u : 50u)) {
                    return "out of memory";
                }
                if (full()) {
                    return "too much output";
                }
                if (over) {
                    return "exited";
                }
                if (clock.Elapsed.TotalSeconds > seconds) {
                    return "timed out";
                }
            }
        }

        private static void Feed(Stream input, string file) {
            var feeder = new Thread(() => {
                try {
                    using (var given = File.OpenRead(file)) {
                        given.CopyTo(input);
                    }
                    input.Dispose();
                } catch (IOException) {
                    // nobody has to read it
                } catch (ObjectDisposedException) {
                    // the run is over
                }
            });
            feeder.IsBackground = true;
            feeder.Start();
        }
    }
}
