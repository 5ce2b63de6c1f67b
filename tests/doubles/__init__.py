"""Doubles that ship: each speaks the real protocol where there is one, and says what it does not prove."""
