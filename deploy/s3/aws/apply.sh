#!/bin/sh
# Makes the three buckets on AWS and the two users with their policies (apply.sh REGION PREFIX). May run again. It uses an
# administrator's credential from the environment of the aws command; the portal never has that one.
set -eu
region=$1 prefix=$2
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -r "$work"' EXIT
make() {
    set -- --bucket "$1" --region "$region"
    [ "$region" = us-east-1 ] || set -- "$@" --create-bucket-configuration "LocationConstraint=$region"
    [ "$bucket" != witness ] || set -- "$@" --object-lock-enabled-for-bucket
    aws s3api create-bucket "$@"
}
for bucket in intake vault witness; do
    name="$prefix-$bucket"
    aws s3api head-bucket --bucket "$name" >/dev/null 2>&1 || make "$name"
    aws s3api put-public-access-block --bucket "$name" --public-access-block-configuration \
        BlockPublicAcls=true,IgnorePublicAcls=true,BlockPublicPolicy=true,RestrictPublicBuckets=true
    sed "s/amparo-BUCKET/$name/g" "$here/bucket.json" >"$work/bucket.json"
    aws s3api put-bucket-policy --bucket "$name" --policy "file://$work/bucket.json"
done
aws s3api put-bucket-versioning --bucket "$prefix-intake" --versioning-configuration Status=Enabled
for user in web worker; do
    aws iam get-user --user-name "$prefix-$user" >/dev/null 2>&1 || aws iam create-user --user-name "$prefix-$user"
    sed "s/:::amparo-/:::$prefix-/g" "$here/$user.json" >"$work/$user.json"
    aws iam put-user-policy --user-name "$prefix-$user" --policy-name portal --policy-document "file://$work/$user.json"
done
