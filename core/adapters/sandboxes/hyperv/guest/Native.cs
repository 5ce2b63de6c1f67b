// What every call of Windows here needs.
using System;
using System.ComponentModel;
using System.Runtime.InteropServices;
using System.Text;

namespace Dexter {
    internal static class Native {
        public static IntPtr Checked(IntPtr handle) {
            Check(handle != IntPtr.Zero);
            return handle;
        }

        public static void Check(bool done) {
            if (!done) {
                throw new Win32Exception();
            }
        }

        [DllImport("kernel32.dll", SetLastError = true)]
        public static extern bool CloseHandle(IntPtr handle);

        [DllImport("kernel32.dll")]
        public static extern IntPtr LocalFree(IntPtr memory);
    }

    // Memory that is nobody else's, and zero.
    internal sealed class Block : IDisposable {
        public readonly IntPtr At;
        public readonly int Size;

        public Block(int size) {
            At = Marshal.AllocHGlobal(size);
            Size = size;
            Marshal.Copy(new byte[size], 0, At, size);
        }

        public static Block Of(string text) {
            byte[] bytes = Encoding.Unicode.GetBytes(text);
            var block = new Block(bytes.Length);
            Marshal.Copy(bytes, 0, block.At, bytes.Length);
            return block;
        }

        public void Dispose() {
            Marshal.FreeHGlobal(At);
        }
    }
}
