# The worker. Its context is this directory.
#   docker build -f worker.Dockerfile -t example/orders-worker:2 .
ARG GO_IMAGE=golang:1.26-bookworm

FROM ${GO_IMAGE} AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN --mount=type=cache,target=/root/.cache/go-build \
    CGO_ENABLED=0 go build -trimpath -ldflags="-s -w" -o /out/worker ./cmd/worker

FROM scratch
COPY --from=build /out/worker /worker
USER 65532:65532
ENTRYPOINT ["/worker"]
