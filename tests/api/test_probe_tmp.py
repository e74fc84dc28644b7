import asyncio, json
import pytest
from tests.site import Site, user, EVERYONE
pytestmark = pytest.mark.asyncio(loop_scope="module")

async def test_many_uploads_at_once(site: Site) -> None:
    admin = await site.administrator()
    t=asyncio.get_running_loop().time()
    rs = await asyncio.wait_for(asyncio.gather(*(admin.upload(f"a{i}.md", b"", "nowhere%d"%i if i%2 else "company") for i in range(60))), 60)
    print(sorted({r.status_code for r in rs}), asyncio.get_running_loop().time()-t)
    assert {r.status_code for r in rs} <= {404, 422}

async def test_fuzz(site: Site) -> None:
    admin = await site.administrator()
    doc = await site.publish("f.md", "# 一\n\n内容甲。\n", "company")
    out=[]
    async def go(m, p, **k):
        try:
            r = await admin.http.request(m,p,**k)
            out.append((r.status_code,m,p[:60],str(k)[:80], r.text[:150], 'cache-control' in r.headers))
        except Exception as e:
            out.append(("EXC",m,p[:60],str(k)[:80],repr(e)[:150]))
    for n in ("0","-1","99999999999999999999999999","9"*5000):
        await go("GET", f"/v1/documents/{doc}/pages/{n}")
    await go("GET", "/v1/documents?space=%00")
    await go("GET", "/v1/documents?cursor=bmFuIHg=")
    await go("GET", "/v1/documents?cursor=é")
    H={"Content-Type":"application/json"}
    await go("POST","/v1/search",content=b'{"query":"\\ud800"}',headers=H)
    await go("POST","/v1/search",content=b'{"query":"a\\u0000b"}',headers=H)
    await go("POST","/v1/search",content=b'{"query":"x","\\ud800":1}',headers=H)
    await go("POST","/v1/search",content=b'{"query":"x","limit":'+b'9'*5000+b'}',headers=H)
    await go("POST","/v1/search",content=b'['*100000,headers=H)
    await go("POST","/v1/search",content=b'\xff\xfe',headers=H)
    await go("POST","/v1/search",content=b'{"query":"x","limit":NaN}',headers=H)
    await go("POST","/v1/users",content=b'{"name":"a\\u0000b"}',headers=H)
    await go("POST","/v1/users",content=b'{"name":"a\\u001bb"}',headers=H)
    await go("POST","/v1/evaluations",json={"dataset":"../x"})
    await go("POST","/v1/chat/completions",content=json.dumps({"messages":[{"role":"user","content":"x"}]*201}).encode(),headers=H)
    await go("POST","/v1/documents",data={"space":"company","title":"a\x00\x1b[31mb\nc"},files={"file":("x.md","# 二\n\n内容乙。".encode())})
    await go("POST","/v1/documents",data={"space":"company"},files={"file":(".md","# 二\n\n内容丙。".encode())})
    await go("BREW","/v1/me")
    for o in out: print(o)
    r = await admin.http.get("/metrics"); print([l for l in r.text.splitlines() if "BREW" in l])
    assert not [o for o in out if o[0]=="EXC" or o[0]>=500]
    await asyncio.sleep(2)
    r=(await admin.http.get("/v1/documents")).json(); print([repr(d["title"]) for d in r["items"]])

async def test_large_multipart_to_json_route(site: Site) -> None:
    nobody = await site.client(None)
    r = await nobody.post("/v1/search", content=b"x"*(2*2**20+2**19), headers={"Content-Type":"multipart/form-data; boundary=x"})
    print(r.status_code, r.text)
    r = await nobody.post("/v1/documents", files={"file":("a.md", b"x"*(2*2**20))}, data={"space":"c"})
    print(r.status_code, r.text)
    admin = await site.administrator()
    r = await admin.http.post("/v1/documents", files=[("file",("a.md", b"# x\n\ny"))]*50, data={"space":"company"})
    print(r.status_code, r.text)

async def test_policy_growth(site: Site) -> None:
    admin = await site.administrator()
    doc = await site.publish("g.md", "# 一\n\n内容丁。\n", "company")
    async def n():
        li = await site.person("li")
        me = await site.services.directory.visibility((await li.http.get("/v1/me")).json()["user_id"])
        return len(me.policy_ids)
    before = await n()
    for _ in range(5):
        assert (await admin.http.put(f"/v1/documents/{doc}/policy", json={"allow":[EVERYONE]})).status_code == 200
    await admin.http.delete(f"/v1/documents/{doc}")
    print("policies", before, await n())
    assert await n() <= before
async def test_erase_on_disk(site: Site) -> None:
    admin = await site.administrator()
    canary="口令七八九三一四canary8841"
    doc = await site.publish("h.md", f"# 题\n\n这里的秘密是{canary}。\n", "company", title="canarytitle77")
    await admin.http.delete(f"/v1/documents/{doc}")
    for _ in range(100):
        await asyncio.sleep(.1)
        async with site.services.database.read() as tx:
            import sqlalchemy as sa
            left = await tx.scalar(sa.text("select count(*) from jobs where state in ('queued','running')"))
        if not left: break
    found=[(str(p), c) for p in site.services.settings.data_dir.rglob("*") if p.is_file() for c in (b"canary8841", b"canarytitle77") if c in p.read_bytes()]
    print(found)
    assert not found
