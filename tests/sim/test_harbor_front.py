"""nginx, the portal, /v2/ and the token service."""

from __future__ import annotations

import json

from tests.sim.harbor_site import Site, basic, serving


def image(site: Site) -> tuple[str, str, str, str]:
    """(repository, tag, digest, digest of a layer) of a private image."""
    repository = next(r for r in site.instance.repositories.values() if r.name.startswith("library/") and r.artifacts)
    artifact = next(a for a in repository.artifacts if a.tags)
    return repository.name, artifact.tags[0], artifact.image.digest, f"sha256:{artifact.image.layers[0].hex}"


async def test_unknown_paths_outside_the_api_are_the_portal_and_200() -> None:
    async with serving() as site:
        for path in ("//", "//harbor/projects", "//apis/v2.0/health", "//metrics"):
            answer = await site.ask(path, "anonymous")
            assert answer.status == 200 and answer.headers["Content-Type"].startswith("text/html")
            assert "<title>Harbor</title>" in answer.text and "sid" not in answer.cookies
            assert answer.headers["Server"] == "nginx" and answer.headers["X-Frame-Options"] == "DENY"
        posted = await site.ask("//v2.0/health", "anonymous", "POST", {})
        assert (posted.status, "405 Not Allowed" in posted.text) == (405, True)


async def test_what_nginx_answers_itself() -> None:
    async with serving() as site:
        for path in ("//service/notifications/tasks/1", "//service/notifications", "//v1/_ping"):
            assert (await site.ask(path)).status == 404
        moved = await site.ask("//v2")
        assert moved.status == 301 and moved.headers["Location"] == f"{site.url}/v2/"


async def test_unknown_api_paths_and_methods_have_go_swaggers_words() -> None:
    async with serving() as site:
        missing = await site.ask("/nowhere")
        assert (missing.status, missing.code, missing.message) == (
            404,
            "NOT_FOUND",
            "path /api/v2.0/nowhere was not found",
        )
        method = await site.ask("/health", method="DELETE")
        assert (method.status, method.code) == (405, "METHOD_NOT_ALLOWED")
        assert method.message == "method DELETE is not allowed, but [GET] are"
        number = await site.ask("/quotas/one")
        assert (number.status, number.message.endswith('id in path must be of type int64: "one"')) == (422, True)
        assert (await site.ask("//api/version", "anonymous")).text.strip() == '{"version":"v2.0"}'
        pong = await site.ask("/ping", "anonymous")
        assert pong.text == "Pong" and pong.headers["Content-Type"].startswith("text/plain")
        early = await site.ask("/quotas/one", "anonymous")
        assert early.status == 422


async def test_the_registry_challenges_who_sent_nothing_and_who_sent_wrong() -> None:
    async with serving() as site:
        bare = await site.ask("//v2/", "anonymous")
        host = site.url.removeprefix("http://")
        assert bare.status == 401 and bare.headers["Docker-Distribution-Api-Version"] == "registry/2.0"
        assert (
            bare.headers["Www-Authenticate"] == f'Bearer realm="https://{host}/service/token",service="harbor-registry"'
        )
        wrong = await site.ask("//v2/", "wrong")
        assert (wrong.status, wrong.headers["Www-Authenticate"]) == (401, 'Basic realm="harbor"')
        assert (await site.ask("//v2/", "admin")).status == (await site.ask("//v2/", "peer")).status == 200
        public = next(r for r in site.instance.repositories.values() if r.name.startswith("docker-cache/"))
        path = f"//v2/{public.name}/manifests/{public.artifacts[-1].image.digest}"
        challenged = await site.ask(path, "anonymous", "HEAD")
        assert challenged.status == 401
        assert challenged.headers["Www-Authenticate"].endswith(f',scope="repository:{public.name}:pull"')


async def test_a_canary_image_is_there_while_registry_and_store_are() -> None:
    async with serving() as site:
        name, tag, digest, layer = image(site)
        head = await site.ask(f"//v2/{name}/manifests/{tag}", "admin", "HEAD")
        assert (head.status, head.headers["Docker-Content-Digest"]) == (200, digest)
        whole = await site.ask(f"//v2/{name}/manifests/{digest}")
        assert len(whole.text) == int(head.headers["Content-Length"])
        assert layer in {item["digest"] for item in json.loads(whole.text)["layers"]}
        blob = await site.ask(f"//v2/{name}/blobs/{layer}", "admin", "HEAD")
        size = site.instance.blob_size(layer.removeprefix("sha256:"))
        assert (blob.status, int(blob.headers["Content-Length"])) == (200, size)
        assert (await site.ask(f"//v2/{name}/blobs/sha256:{'0' * 64}", "admin", "HEAD")).status == 404
        assert (await site.ask(f"//v2/{name}/manifests/none")).code == "NOT_FOUND"
        assert (await site.ask(f"//v2/{name}/manifests/{tag}", "viewer", "HEAD")).status == 401
        tags = (await site.ask(f"//v2/{name}/tags/list")).json
        assert tag in tags["tags"] and tags["name"] == name
        site.world.unreachable.add("s3")
        assert (await site.ask(f"//v2/{name}/blobs/{layer}", "admin", "HEAD")).status == 500
        assert (await site.ask("//v2/")).status == 200


async def test_the_catalog_is_paged_and_needs_its_permission() -> None:
    async with serving("v2.14.4") as site:
        everything = (await site.ask("//v2/_catalog", "console")).json["repositories"]
        assert everything == sorted(r.name for r in site.instance.repositories.values() if r.artifacts)
        first = await site.ask("//v2/_catalog?n=3", "console")
        assert first.json["repositories"] == everything[:3]
        rest = await site.ask("/" + first.headers["Link"].partition(">")[0][1:], "console")
        assert rest.json["repositories"] == everything[3:6]
        assert (await site.ask("//v2/_catalog", "viewer")).headers["Www-Authenticate"] == 'Basic realm="harbor"'


async def test_tokens_hold_what_the_account_may_and_expire() -> None:
    async with serving() as site:
        name, tag, _, _ = image(site)
        ask = f"//service/token?service=harbor-registry&scope=repository:{name}:pull,push"
        token = (await site.ask(ask, "admin")).json
        assert token["expires_in"] == 1800
        bearer = {"Authorization": f"Bearer {token['token']}"}
        path = f"//v2/{name}/manifests/{tag}"
        assert (await site.ask(path, "anonymous", "HEAD", headers=bearer)).status == 200
        weak = (await site.ask(ask, "viewer")).json["token"]
        assert (await site.ask(path, "anonymous", headers={"Authorization": f"Bearer {weak}"})).status == 401
        assert (await site.ask("//service/token", "anonymous")).status == 401
        assert (await site.ask("//v2/", "anonymous", headers={"Authorization": "Bearer forged"})).status == 401
        assert (await site.ask("//v2/", "anonymous", headers={"Authorization": basic("admin", "") + "?"})).status == 401
        site.world.advance(site.world.now + 1801)
        assert (await site.ask(path, "anonymous", "HEAD", headers=bearer)).status == 401
