"""What the console knows: frozen types, secrets that do not print, text that is safe to show. No IO, no UI."""
