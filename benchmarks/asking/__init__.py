"""What is understood of questions, measured over the demo."""
