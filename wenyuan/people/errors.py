"""What can go wrong with people, policies and the directories they come from, in Chinese and English."""

from typing import Literal

from wenyuan.errors import Language, TransientError, WenyuanError


class DirectoryManaged(WenyuanError):
    """A local edit of what a directory provides."""

    code = "directory.managed"
    status = 409
    zh = "“{name}”由目录“{directory}”提供，请在该目录中修改。"
    en = "'{name}' is provided by the directory '{directory}'; change it there."


class RoleReserved(WenyuanError):
    """A directory tried to grant a role of this service."""

    code = "directory.role_reserved"
    status = 403
    zh = "“{name}”是系统角色，目录不能授予；请由管理员在本系统中设置。"
    en = "'{name}' is a role of this service, which no directory grants; an administrator sets it here."


class DirectoryUnknown(WenyuanError):
    """No directory of that name is configured."""

    code = "directory.unknown"
    status = 404
    zh = "没有配置名为“{name}”的目录。"
    en = "No directory named '{name}' is configured."


class DirectoryMisconfigured(WenyuanError):
    """The settings of a directory do not fit what it offers."""

    code = "directory.misconfigured"
    status = 422
    zh = "目录配置有误：{reason}"
    en = "The directory is not configured correctly: {reason}"


class DirectoryRefused(WenyuanError):
    """The directory does not accept our account."""

    code = "directory.refused"
    status = 502
    zh = "目录拒绝了访问（{reason}）。请检查凭据及其权限。"
    en = "The directory refused access ({reason}). Check the credentials and what they may read."


class DirectoryUnreachable(TransientError):
    """The directory does not answer, or asks to come back later."""

    code = "directory.unreachable"
    zh = "目录暂时无法访问（{reason}），将重试；用户与权限保持上次同步的状态。"
    en = "The directory cannot be reached ({reason}) and is tried again; accounts stay as last synced."


class DirectoryMalformed(WenyuanError):
    """The directory answered something that is no answer."""

    code = "directory.malformed"
    status = 502
    zh = "目录返回的数据无法理解（{reason}），未作任何更改。"
    en = "The directory's answer cannot be understood ({reason}); nothing was changed."


class DirectoryTooLarge(WenyuanError):
    """More entries than the limit."""

    code = "directory.too_large"
    status = 422
    zh = "目录条目超过上限 {limit}，未作任何更改。"
    en = "The directory has more than {limit} entries; nothing was changed."


class DirectorySafetyStop(WenyuanError):
    """A sync would take access from more accounts than the settings allow without confirmation."""

    code = "directory.safety_stop"
    status = 409
    zh = (
        "同步将停用 {accounts} 个账号、删除 {groups} 个用户组（现有账号 {total} 个），超过安全上限，未作任何更改。"
        "请核对后确认再执行。"
    )
    en = (
        "The sync would disable {accounts} accounts and remove {groups} groups ({total} accounts now), more than the "
        "safety limit; nothing was changed. Check, then confirm."
    )


class ImportRejected(WenyuanError):
    """Lines of an imported directory are wrong; nothing of it was taken."""

    code = "directory.import_rejected"
    status = 422
    zh = "导入文件有 {count} 处错误，未作任何更改。第一处：第 {line} 行，{reason}"
    en = "The import has {count} errors; nothing was changed. The first: line {line}, {reason}"


Fault = Literal["shape", "name", "value", "twice", "unknown", "managed", "reserved", "administrator", "cycle"]

FAULTS: dict[Fault, tuple[str, str]] = {
    "shape": ("记录格式不对（{about}）", "the record has the wrong shape ({about})"),
    "name": ("名称无效（{about}）", "the name is not valid ({about})"),
    "value": ("值无效（{about}）", "the value is not valid ({about})"),
    "twice": ("名称重复（{about}）", "the name occurs twice ({about})"),
    "unknown": ("引用了不存在的对象（{about}）", "it refers to something that does not exist ({about})"),
    "managed": (
        "由目录提供，不能在此修改（{about}）",
        "a directory provides it, so it cannot be changed here ({about})",
    ),
    "reserved": ("名称已被其他目录的对象占用（{about}）", "the name belongs to something else ({about})"),
    "administrator": ("将不再有任何管理员（{about}）", "no administrator would be left ({about})"),
    "cycle": ("部门成环（{about}）", "the departments form a cycle ({about})"),
}


def fault_sentence(fault: Fault, about: str, language: Language) -> str:
    """Return what is wrong with a line."""
    return FAULTS[fault][0 if language == "zh" else 1].format(about=about)


class ScopeTooLarge(WenyuanError):
    """More visible policies than the stated limit; refused, never truncated."""

    code = "access.scope_too_large"
    status = 403
    zh = "可见的权限策略超过上限 {limit} 条，请联系管理员合并策略。"
    en = "More than {limit} visible policies. Ask an administrator to merge policies."


class MembershipTooLarge(WenyuanError):
    """A person belongs to more groups, departments and roles than the stated limit; refused, never truncated."""

    code = "access.too_many_groups"
    status = 403
    zh = "账号所属的组、部门和岗位角色超过上限 {limit} 个，请联系管理员精简。"
    en = "The account belongs to more than {limit} groups, departments and roles. Ask an administrator to reduce them."


class PreviewTooLarge(WenyuanError):
    """A preview would have to weigh more people against more policies than the limit."""

    code = "access.preview_too_large"
    zh = "改动涉及的范围过大（人员 × 策略超过 {limit}），无法预演。"
    en = "The change concerns too many people and policies to be previewed (people × policies over {limit})."
    status = 422


class PolicyInvalid(WenyuanError):
    """A policy breaks a limit or contradicts itself; ``reason`` names what."""

    code = "access.policy_invalid"
    status = 422
    zh = "权限策略无效：{reason}"
    en = "Invalid access policy: {reason}"


class FolderNotEmpty(WenyuanError):
    """A folder with documents or folders in it is not deleted."""

    code = "folder.not_empty"
    status = 409
    zh = "文件夹不为空，请先移走其中的文档和文件夹。"
    en = "The folder is not empty. Move its documents and folders first."
