"""The networks: blueprints of layers, torch modules built from them, and how they encode and
decode.
"""
