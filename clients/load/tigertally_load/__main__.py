"""`python -m tigertally_load`: the load command on its own."""

from tigertally_load.command import load_command

if __name__ == "__main__":
    load_command(prog_name="tigertally load")
