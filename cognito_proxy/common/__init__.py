"""What every room needs: checks of properties, origins, assets, Python functions, values across Regions."""
