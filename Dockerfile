# Two stages: the first builds a virtual environment from the lock, the second holds nothing else.
# Run it with a read-only root: only /data is written to.
#
#   docker build -t triage .
#   docker run --read-only --cap-drop ALL --security-opt no-new-privileges \
#     --volume triage:/data --env-file triage.env triage

ARG PYTHON=python:3.13-slim-trixie

FROM ${PYTHON} AS build
WORKDIR /src
COPY requirements.lock requirements-build.lock requirements-sbom.lock ./
RUN python -m venv /opt/build \
 && /opt/build/bin/python -m pip install --no-cache-dir --no-deps --require-hashes \
      -r requirements-build.lock -r requirements-sbom.lock
RUN python -m venv --without-pip /opt/triage \
 && /opt/build/bin/python -m pip --python /opt/triage/bin/python install --no-cache-dir \
      --no-deps --require-hashes -r requirements.lock
COPY pyproject.toml README.md LICENSE ./
COPY bot bot/
COPY storage storage/
COPY prompts prompts/
RUN /opt/build/bin/python -m hatchling build --target wheel --directory /dist \
 && /opt/build/bin/python -m pip --python /opt/triage/bin/python install --no-cache-dir \
      --no-deps --no-index /dist/*.whl
# What the image runs, by name, version and licence, for whoever looks for known holes in it.
RUN /opt/build/bin/python -m cyclonedx_py environment --pyproject pyproject.toml --output-reproducible \
      --output-file /opt/triage/sbom.cdx.json /opt/triage/bin/python

FROM ${PYTHON}
RUN groupadd --gid 10001 triage \
 && useradd --uid 10001 --gid triage --home-dir /data --no-create-home --shell /usr/sbin/nologin triage \
 && install --directory --owner triage --group triage --mode 0700 /data
COPY --from=build /opt/triage /opt/triage
# PYTHONSAFEPATH: a stray prompts/ in the working directory must not stand in for ours.
ENV PATH=/opt/triage/bin:/usr/local/bin:/usr/bin:/bin \
    PYTHONSAFEPATH=1 \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    TMPDIR=/data \
    DATABASE_URL=sqlite:////data/triage.db \
    TRIAGE_HOST=0.0.0.0 \
    TRIAGE_PORT=8080
USER 10001:10001
WORKDIR /data
VOLUME /data
EXPOSE 8080
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s --retries=3 \
  CMD ["python", "-c", "import os, urllib.request as web; web.urlopen('http://127.0.0.1:' + os.environ['TRIAGE_PORT'] + '/healthz', timeout=4)"]
ENTRYPOINT ["triage"]
CMD ["serve"]
