"""Charts and documents, drawn by matplotlib and fpdf2 in a process of its own: they are heavy, and not thread-safe."""
