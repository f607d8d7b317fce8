"""What a newcomer is shown: people, a project and a far side, made up for the occasion."""
