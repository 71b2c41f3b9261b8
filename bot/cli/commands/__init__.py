"""The commands, a module each: `app` has its options and its help, over a few lines over a flow."""
