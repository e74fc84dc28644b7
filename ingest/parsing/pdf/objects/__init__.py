"""What else a page holds than visible characters: hidden text, links, form fields, drawings, pictures of text."""
