"""Who is calling, what they may do, and who pays."""
