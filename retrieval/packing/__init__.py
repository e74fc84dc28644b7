"""From ranked evidence to what the answerer is given."""
