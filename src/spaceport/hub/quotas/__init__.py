"""How much each caller may use."""
