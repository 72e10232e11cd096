# Removes from a virtual environment ($1) what the dashboard never uses. Says how much there was and is left, in MB.
set -eu
packages=$(echo "$1"/lib/python3*/site-packages)
before=$(du -sm "$1" | cut -f1)
find "$packages" -type d -name tests -prune -exec rm -rf {} +
rm -rf "$packages"/pip "$packages"/pip-*.dist-info "$1"/bin/pip*
rm -rf "$packages"/torch/include "$packages"/torch/bin/protoc* "$packages"/torch/share
rm -rf "$packages"/pyarrow/include "$packages"/numpy/_core/include
find "$packages" -name '*.a' -delete
find "$packages" -name '*.pyi' -delete
echo "slim: $before MB before, $(du -sm "$1" | cut -f1) MB after"
