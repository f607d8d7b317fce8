"""The connectors this package brings; each knows the contract and nothing else of the house."""
