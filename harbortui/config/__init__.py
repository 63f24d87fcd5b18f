"""What a person may configure: types, TOML with file and line, precedence, the policy, local credentials."""
