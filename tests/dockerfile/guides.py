"""Dockerfiles in the form that the guides of Docker Hardened Images give to them, with tags filled in."""

GO = """\
# syntax=docker/dockerfile:1
FROM dhi.io/golang:1.26-alpine3.24-dev AS build-stage
WORKDIR /app
COPY go.mod go.sum ./
RUN go mod download
COPY *.go ./
RUN CGO_ENABLED=0 GOOS=linux go build -o /my-app

FROM dhi.io/static:20260611-alpine3.24 AS runtime-stage
WORKDIR /
COPY --from=build-stage /my-app /my-app
ENTRYPOINT ["/my-app"]
"""

PYTHON = """\
# syntax=docker/dockerfile:1
FROM dhi.io/python:3.13-alpine3.24-dev AS build-stage
ENV PATH="/app/venv/bin:$PATH"
WORKDIR /app
RUN python -m venv /app/venv
COPY requirements.txt .
RUN pip install --no-cache-dir -r requirements.txt

FROM dhi.io/python:3.13-alpine3.24 AS runtime-stage
ENV PATH="/app/venv/bin:$PATH"
WORKDIR /app
COPY --from=build-stage /app/venv /app/venv
COPY app.py .
CMD ["python", "/app/app.py"]
"""

NODE = """\
FROM dhi.io/node:24-debian13-dev AS build-stage
ENV NODE_ENV=production
WORKDIR /usr/src/app
COPY package*.json ./
RUN npm i --omit=dev && mkdir -p node_modules

FROM dhi.io/node:24-debian13 AS runtime-stage
ENV NODE_ENV=production
WORKDIR /usr/src/app
COPY --from=build-stage /usr/src/app/node_modules ./node_modules
COPY src ./src
COPY package*.json ./
EXPOSE 3000
CMD ["node", "src/index.js"]
"""

ALL = {"go": GO, "python": PYTHON, "node": NODE}
