"""Mail: messages of the Internet (EML), of Outlook (MSG), and web pages saved as one (MHTML)."""
