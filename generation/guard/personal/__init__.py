"""Personal data in Chinese and English text: recognisers with checksums, and what a policy makes of what they find."""
