"""Rights to grant, ready to paste, as pure functions of a role and the names they are for."""
