# Three stages: the wheel, the image that builds an index, and last the image that serves. EXTRAS=build,models adds what
# exports an encoder or a reranker of your own, torch among it.
# packaging/rehearse.sh takes the same steps without an engine.
ARG PYTHON=3.11-slim-bookworm

FROM python:${PYTHON} AS wheel
WORKDIR /src
COPY . .
RUN sh packaging/wheel.sh /dist

FROM python:${PYTHON} AS index
ARG EXTRAS=build
ARG TORCH_INDEX_URL=https://download.pytorch.org/whl/cpu
WORKDIR /src
COPY requirements.lock ./
COPY packaging/*.sh packaging/
COPY --from=wheel /dist /dist
RUN sh packaging/install.sh /opt/citewell /dist ${EXTRAS} \
 && useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin citewell \
 && install --directory --owner=citewell /data /data/index
ENV PATH=/opt/citewell/bin:$PATH HOME=/tmp ORT_DISABLE_TELEMETRY=1 QA_CORPUS=/data/corpus QA_INDEX=/data/index
USER 10001
WORKDIR /data
ENTRYPOINT ["qa"]
CMD ["index"]

FROM python:${PYTHON} AS api
WORKDIR /src
COPY requirements.lock ./
COPY packaging/*.sh packaging/
COPY --from=wheel /dist /dist
RUN sh packaging/install.sh /opt/citewell /dist \
 && useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin citewell \
 && install --directory --owner=citewell /data /data/index
ENV PATH=/opt/citewell/bin:$PATH HOME=/tmp ORT_DISABLE_TELEMETRY=1 QA_INDEX=/data/index QA_HOST=0.0.0.0 QA_PORT=8000
USER 10001
WORKDIR /data
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s \
  CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/readyz', timeout=4)"]
ENTRYPOINT ["qa"]
CMD ["serve", "--offline"]
