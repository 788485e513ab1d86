# Makes the buckets and the portal's two credentials in MinIO (minio.sh URL). May run again: secrets and policies are set anew.
set -eu
export HOME=/tmp MC_CONFIG_DIR=/tmp/mc
mc alias set store "$1" "$MINIO_ROOT_USER" "$MINIO_ROOT_PASSWORD"
mc mb --ignore-existing store/amparo-intake store/amparo-vault
mc mb --ignore-existing --with-lock store/amparo-witness
mc version enable store/amparo-intake  # the web may write there: what it wrote over can still be had
mc admin user add store "$S3_WEB_ACCESS_KEY_ID" "$S3_WEB_SECRET_ACCESS_KEY"
mc admin user add store "$S3_WORKER_ACCESS_KEY_ID" "$S3_WORKER_SECRET_ACCESS_KEY"
give() {
    mc admin policy create store "amparo-$1" "/s3/$1.json"
    # Attaching what is attached already is an error.
    mc admin policy detach store "amparo-$1" --user "$2" >/dev/null 2>&1 || true
    mc admin policy attach store "amparo-$1" --user "$2"
}
give web "$S3_WEB_ACCESS_KEY_ID"
give worker "$S3_WORKER_ACCESS_KEY_ID"
