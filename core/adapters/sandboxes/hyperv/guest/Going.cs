// A run that is going on, for whoever wants to know what the program says meanwhile.
using System;
using System.Runtime.ExceptionServices;
using System.Threading;

namespace Dexter {
    public sealed class Going {
        private const int Most = 262144;  // bytes of each channel that are told before the end
        private readonly Thread runner;
        private volatile Reader[] readers = new Reader[0];
        private Ended ended;
        private Exception failed;

        public Going(Order order) {
            runner = new Thread(() => Run(order));
            runner.IsBackground = true;
            runner.Start();
        }

        public bool Over(int milliseconds) {
            return runner.Join(milliseconds);
        }

        // Each is the letter of a channel and Base64.
        public string[] News() {
            var told = new System.Collections.Generic.List<string>();
            for (int at = 0; at < readers.Length; at++) {
                string news = readers[at].News(Most);
                if (news.Length > 0) {
                    told.Add((at == 0 ? "o" : "e") + news);
                }
            }
            return told.ToArray();
        }

        public Ended End() {
            runner.Join();
            if (failed != null) {
                ExceptionDispatchInfo.Capture(failed).Throw();
            }
            return ended;
        }

        private void Run(Order order) {
            try {
                ended = Cell.Run(order, (output, errors) => readers = new[] { output, errors });
            } catch (Exception error) {
                failed = error;
            }
        }
    }
}
