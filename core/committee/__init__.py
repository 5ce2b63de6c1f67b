"""How several models come to one answer: propose, critique, revise, vote, count, answer."""
