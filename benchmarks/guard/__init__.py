"""The guard, measured: personal data, words, injected instructions, hubs."""
