"""Active checks that cross systems: what is reachable, what our credentials may do, and what that leaves blind."""
