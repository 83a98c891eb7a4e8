# The version the test suite runs on. tests/house/test_dockerfile.py runs what can be run of this file without an engine.
FROM python:3.11-slim AS installed
WORKDIR /srv
COPY requirements.txt .
RUN python -m venv .venv && .venv/bin/pip install --no-cache-dir --require-hashes -r requirements.txt

FROM python:3.11-slim
# Letters for PDF files: 17 MB with all of simplified Chinese.
RUN apt-get update -q && apt-get install -q -y --no-install-recommends fonts-wqy-zenhei && rm -rf /var/lib/apt/lists/*
RUN useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin gongzhi && install -d -o gongzhi -m 700 /data
WORKDIR /srv
COPY --from=installed /srv/.venv .venv
COPY alembic alembic
COPY app app
ENV PATH=/srv/.venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 DATA_DIR=/data LOG_FORMAT=json
USER 10001
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s \
    CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:8000/healthz', timeout=4)"]
ENTRYPOINT ["python", "-m", "app"]
CMD ["serve", "--host", "0.0.0.0"]
