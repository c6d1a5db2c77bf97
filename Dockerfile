# The worker as an image: production dependencies, the built code and the migrations, nothing else.
# No embedded PostgreSQL is inside: give it a database with DATABASE_URL or DATABASE_URL_FILE.

FROM node:24-bookworm-slim AS build
WORKDIR /build
COPY package.json package-lock.json ./
# Optional packages are other people's binaries (the embedded PostgreSQL, linters): not needed to compile.
RUN npm ci --ignore-scripts --omit=optional --no-audit --no-fund
COPY tsconfig.json tsconfig.build.json ./
COPY scripts ./scripts
COPY src ./src
RUN npm run build

FROM node:24-bookworm-slim AS dependencies
WORKDIR /dependencies
COPY package.json package-lock.json ./
# --ignore-scripts also keeps `prepare` from compiling here, where there is no compiler.
# Type declarations and source maps are for developers: a quarter of what is installed.
RUN npm ci --ignore-scripts --omit=dev --omit=optional --no-audit --no-fund \
  && find node_modules -type f \( -name '*.d.ts' -o -name '*.d.cts' -o -name '*.d.mts' -o -name '*.map' \) -delete

FROM node:24-bookworm-slim
ARG VERSION=unreleased
ARG REVISION=unknown
LABEL org.opencontainers.image.title="callhouse" \
  org.opencontainers.image.description="Keeps a PostgreSQL warehouse of AI voice-agent calls equal to the vendor's API, by polling." \
  org.opencontainers.image.licenses="MIT" \
  org.opencontainers.image.base.name="docker.io/library/node:24-bookworm-slim" \
  org.opencontainers.image.version="${VERSION}" \
  org.opencontainers.image.revision="${REVISION}"
# Inside a container the way in is decided by the ports that are published.
ENV NODE_ENV=production \
  CALLHOUSE_OPS_HOST=0.0.0.0
WORKDIR /app
# Owned by root and read by `node`: the worker cannot change its own code. It writes no file at all.
COPY package.json LICENSE ./
COPY --from=dependencies /dependencies/node_modules ./node_modules
COPY migrations ./migrations
COPY --from=build /build/dist ./dist
USER node
EXPOSE 8080
# Live, not healthy: stale data is told by /healthz, and a restart would not mend it.
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:' + (process.env.PORT || 8080) + '/livez').then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
# No init is needed: the worker starts no processes, and handles SIGTERM as process 1.
STOPSIGNAL SIGTERM
# Objects of a page die young: more room for them than this is memory that nobody needs.
ENTRYPOINT ["node", "/app/dist/cli.js"]
CMD ["run"]
