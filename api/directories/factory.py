"""Opens the adapter of a directory; each is imported when it is used."""

from wenyuan.people.errors import DirectoryUnknown
from wenyuan.people.settings import DirectoriesSettings
from wenyuan.ports import DirectorySource


def open_directory(name: str, settings: DirectoriesSettings) -> DirectorySource:
    """Return the adapter of a configured directory; raises ``DirectoryUnknown`` and ``DirectoryMisconfigured``."""
    endpoint = settings.endpoints.get(name)
    if endpoint is None:
        raise DirectoryUnknown(name=name)
    credentials = settings.credentials[endpoint.credentials]
    match endpoint.kind:
        case "ldap":
            from api.directories.ldap.source import LdapDirectory

            return LdapDirectory(endpoint, credentials)
        case "wecom":
            from api.directories.vendors.wecom import WeComDirectory

            return WeComDirectory(endpoint, credentials)
        case "dingtalk":
            from api.directories.vendors.dingtalk import DingTalkDirectory

            return DingTalkDirectory(endpoint, credentials)
        case "feishu":
            from api.directories.vendors.feishu import FeishuDirectory

            return FeishuDirectory(endpoint, credentials)
