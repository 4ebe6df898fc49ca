"""Sites and the versions of their policies."""

from __future__ import annotations

from tests.support.batches import NOW, SITE, in_transaction

from sentinel_netlab.store.sites import StoredSite, add_site, change_site, find_site

POLICY = {"network": [{"ssid": "corp", "channels": [1, 6]}]}


def test_new_site(migrated_url):
    """Its policy is the first."""

    async def run(c):
        done = [await add_site(c, "lab", "Lab", POLICY, NOW) for _ in range(2)]
        return done, await find_site(c, "lab")

    done, site = in_transaction(migrated_url, run)

    assert done == [True, False]
    assert site == StoredSite("lab", "Lab", POLICY, 1, NOW)


def test_only_another_policy_has_another_version(migrated_url):
    """A new name is none; taking the policy away is one."""

    async def run(c):
        versions = []
        for name, policy in (("A", None), ("A", POLICY), ("B", POLICY), ("B", None)):
            site = await find_site(c, SITE, to_change=True)
            changed = await change_site(c, site, name=name, policy=policy)
            assert changed == await find_site(c, SITE)
            versions.append(changed.policy_version)
        return versions, await find_site(c, SITE)

    versions, site = in_transaction(migrated_url, run)

    assert versions == [1, 2, 2, 3]
    assert (site.name, site.policy) == ("B", None)


def test_no_such_site(migrated_url):
    """There is none."""
    assert in_transaction(migrated_url, lambda c: find_site(c, "moon")) is None
