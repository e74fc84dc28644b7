"""One site per module: opening loads a model."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.site import EVERYONE, Site, open_site, site_settings

HANDBOOK = """# 员工手册

## 第一章 考勤

### 1.1 工作时间

公司实行每日工作八小时、每周工作五天的标准工时制。上班时间为上午九点至下午六点，中午休息一小时。

### 1.2 迟到

每月迟到三次以内不扣发工资，第四次起每次扣发五十元。

## 第二章 休假

### 2.1 年假

工作满一年不满十年的员工，年休假为五天；满十年不满二十年的，年休假为十天。

### 2.2 婚假

员工结婚可享受十五天婚假，须在领证之日起十二个月内一次休完。
"""

SALARY = """# 薪酬方案

## 岗位工资

高级工程师的岗位工资为每月两万三千元，年终奖为三个月工资。
"""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Site]:
    async with open_site(site_settings(tmp_path_factory.mktemp("site"), ocr=False, max_file_mb=2)) as opened:
        await opened.person("li")
        await opened.person("han")
        await opened.group("hr", "han")
        await opened.space("company", [EVERYONE])
        yield opened
