"""The Discord face: thin, asynchronous, and using only what ``retrieval`` exports."""
