# base: what runs needs · build: packages, translations, static files · app: the portal · test: the suite (compose, profile test)
FROM python:3.13-slim-bookworm AS base
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PATH=/app/.venv/bin:$PATH
RUN apt-get update \
    && apt-get install -y --no-install-recommends libmagic1 libreoffice-writer openssl tesseract-ocr tesseract-ocr-eng tesseract-ocr-spa \
        fonts-crosextra-caladea fonts-crosextra-carlito fonts-dejavu-core fonts-droid-fallback fonts-liberation2 \
        fonts-noto-core fonts-symbola \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --uid 10001 --create-home amparo
WORKDIR /app

FROM base AS build
ENV UV_PYTHON_DOWNLOADS=never UV_LINK_MODE=copy
RUN apt-get update \
    && apt-get install -y --no-install-recommends gettext npm \
    && rm -rf /var/lib/apt/lists/* \
    && pip install --no-cache-dir uv==0.13.9
COPY pyproject.toml uv.lock .python-version ./
RUN uv sync --frozen --no-dev --extra providers --no-cache
COPY package.json package-lock.json .npmrc ./
RUN npm ci --silent
COPY . .
RUN scripts/assets && python -m compileall -q accounts documents portal

FROM base AS app
COPY --from=build /app /app
USER 10001:10001
EXPOSE 8000
CMD ["deploy/web"]

FROM build AS test
ENV CI=true
RUN scripts/setup && rm -rf /var/lib/apt/lists/* && chown -R amparo /app
USER 10001:10001
CMD ["scripts/test"]
