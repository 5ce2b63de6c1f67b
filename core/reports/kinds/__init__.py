"""The kinds of reports: each reads its data and makes of it words, figures, tables and charts."""
