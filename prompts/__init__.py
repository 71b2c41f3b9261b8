"""The versioned prompts of a model: none yet, the rules explain every error by themselves."""
