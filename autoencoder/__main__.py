"""`python -m autoencoder`: hands over to the command line."""

import sys

from autoencoder.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
