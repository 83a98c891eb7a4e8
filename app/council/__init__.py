"""决议: what the neighbourhood has decided, with number, day and votes. Others cite a decision (`queries.decision_for`).

Topics, meetings and polls come later; the decision is here from the start because money must name the one it follows.
"""
