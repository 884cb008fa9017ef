#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# leftovers.sh lists every object on the engine, whoever made it and whatever
# its labels: what the tests must leave as they found it.

source "$(dirname "${BASH_SOURCE[0]}")/paths.sh"
source "$made/env"

{
	docker ps --all --no-trunc --format 'container {{.Names}} {{.ID}} of {{.Image}}'
	docker network ls --no-trunc --format 'network {{.Name}} {{.ID}}'
	docker volume ls --format 'volume {{.Name}}'
	if [[ $(docker info --format '{{.Swarm.LocalNodeState}} {{.Swarm.ControlAvailable}}') == 'active true' ]]; then
		docker service ls --format 'service {{.Name}} {{.ID}}'
		docker secret ls --format 'secret {{.Name}} {{.ID}}'
		docker config ls --format 'config {{.Name}} {{.ID}}'
	fi
} | LC_ALL=C sort
