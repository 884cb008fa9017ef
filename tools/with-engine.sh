#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# with-engine.sh CMD... runs CMD with the engine's environment, and where
# 127.0.0.1 is the engine's 127.0.0.1.

source "$(dirname "${BASH_SOURCE[0]}")/paths.sh"
source "$made/env"
exec "$tools/engine.sh" enter "$@"
