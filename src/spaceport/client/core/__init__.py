"""What the client decides without waiting: no socket, clock or await in here."""
