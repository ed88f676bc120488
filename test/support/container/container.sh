# Becomes the first process of a container, in namespaces that unshare has created.
# sh container.sh <host name> <folder of the test> <path of the volume> <network: lo or none> <root: ro or rw> <command …>
set -e
name=$1 folder=$2 volume=$3 network=$4 root=$5
shift 5

echo "$name" >/proc/sys/kernel/hostname
[ "$network" = none ] || ip link set lo up

# What the container has of its host: this checkout, Node, the image of the test and its volume. Their origins are hidden.
mount -t tmpfs -o mode=755 none /mnt
mkdir -m 1777 /mnt/tmp
mkdir -p /mnt/app /mnt/image "$volume"
touch /mnt/node
mount --bind "$PWD" /mnt/app
mount --bind "$NODE" /mnt/node
mount --bind "$folder/image" /mnt/image
mount --bind "$folder/volume" "$volume"
mount -t tmpfs none "$folder"
[ "$root" = rw ] || mount -o remount,bind,ro /

cd /mnt/app
exec "$@"
