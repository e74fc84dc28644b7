"""What the rules of permission mean, said slowly and apart from the code that carries them out."""
