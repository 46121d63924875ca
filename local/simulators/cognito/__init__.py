"""What Amazon Cognito checks and the emulator does not: shapes, secret hashes, two secrets, signatures."""
