"""What must never happen: a secret that is shown, a request that changes something, a guest that is a burden."""
