# `make run` and `make test` install what is missing; the rest is in docs/operations.md.
.PHONY: run test services stop check fix faults guards bench

run:
	@scripts/run

test:
	@scripts/test

services:
	@scripts/setup
	@scripts/services start --dir .local
	@. .local/env && .venv/bin/python manage.py migrate --database owner --verbosity 0

stop:
	@scripts/services stop --dir .local

check:
	@scripts/check

fix:
	@scripts/setup
	@.venv/bin/ruff check --fix

faults:
	@scripts/test tests/faults

guards:
	@scripts/guards

bench:
	@scripts/setup
	@.venv/bin/python -m tests.bench $(BENCH)
