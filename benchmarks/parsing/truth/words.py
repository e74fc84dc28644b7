"""Vocabulary of the generated documents, by domain."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Domain:
    """Words of one field; a sentence is put together from them."""

    title: tuple[str, ...]
    topics: tuple[str, ...]
    subjects: tuple[str, ...]
    actions: tuple[str, ...]
    objects: tuple[str, ...]
    remarks: tuple[str, ...]
    metrics: tuple[str, ...]
    units: tuple[str, ...]
    terms: tuple[str, ...]


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


BUSINESS = Domain(
    title=_words(
        "华东制造基地年度经营分析报告 集团数字化转型专项工作总结 新能源业务板块投资评估报告 供应链协同管理年度报告"
    ),
    topics=_words(
        "经营业绩概述 市场环境与竞争格局 主要产品销售情况 成本费用分析 现金流与营运资金 投资项目进展 人才队伍建设"
        " 风险管理与内部控制 供应商绩效评价 客户满意度调查 研发投入与成果 质量改进措施 存货周转情况 应收账款管理"
        " 海外业务拓展 绿色低碳发展 安全生产情况 信息化建设 预算执行偏差 下一年度工作计划 组织架构调整 品牌建设与推广"
        " 渠道下沉策略 产能利用率 物流配送效率 重大合同履行"
    ),
    subjects=_words(
        "公司 集团总部 华南事业部 财务共享中心 采购管理部 销售团队 审计委员会 各子公司 战略发展部 质量管理部门"
        " 物流中心 管理层 人力资源部 项目工作组 信息技术中心 客户服务团队"
    ),
    actions=_words(
        "持续推进 全面梳理 按期完成 重点优化 稳步提升 及时调整 统一规划 严格控制 组织实施 逐项落实 定期评估 显著改善"
    ),
    objects=_words(
        "库存结构 采购价格谈判机制 预算编制流程 应收账款催收工作 生产线自动化改造 供应商准入标准 区域销售网络"
        " 关键岗位轮换制度 研发项目立项评审 费用报销审批权限 客户分级服务体系 数据治理平台 仓储布局 汇率风险敞口"
        " 产品定价模型 应急响应预案"
    ),
    remarks=_words(
        "有效降低了单位产品的综合成本 为全年目标的完成奠定了基础 整体进度略好于预期 但部分区域仍存在较大压力"
        " 相关问题已列入整改清单 预计下半年将逐步见效 主要受原材料价格波动的影响 与同行业平均水平相比仍有提升空间"
        " 由此带来的收益将在后续季度体现 并形成了可复制的管理经验 具体责任已落实到部门和个人 同时兼顾了长期投入的需要"
    ),
    metrics=_words(
        "营业收入 净利润 毛利率 研发费用 存货余额 订单金额 市场占有率 人均产值 资产负债率 经营性现金流 出口交货值"
    ),
    units=_words("万元 亿元 吨 件 套 人 个百分点 台"),
    terms=_words("ERP CRM KPI MES SaaS ROI EBITDA B2B OKR"),
)

LEGAL = Domain(
    title=_words("数据资源授权使用管理办法 建设工程质量监督实施细则 企业信息公示监督管理规定 产品质量争议处理办法"),
    topics=_words(
        "总则 适用范围 基本原则 权利与义务 申请与受理 审查与决定 监督检查 信息公开 保密责任 争议解决 法律责任"
        " 费用与结算 合同的变更与解除 不可抗力 知识产权归属 违约责任 档案管理 期限与送达 附则 救济途径 证据规则"
        " 风险评估 备案管理 资质条件"
    ),
    subjects=_words(
        "申请人 主管部门 县级以上人民政府 受托方 委托方 行政机关 第三方机构 利害关系人 监督管理机构 法定代表人 当事人"
        " 授权单位 登记机关 评审专家"
    ),
    actions=_words(
        "应当依法提交 可以书面申请 不得擅自变更 负责审核 应当如实记录 有权查阅 应当及时公告 需要妥善保管 依法承担"
    ),
    objects=_words(
        "有关证明材料 数据使用清单 备案登记事项 检验检测报告 授权委托书 保证金缴纳凭证 信息公示内容 质量安全责任"
        " 年度执行情况报告 变更登记申请 现场核查记录 个人信息处理规则 技术秘密 履约担保文件"
    ),
    remarks=_words(
        "并在十五个工作日内作出书面答复 逾期未提出的视为放弃相应权利 情节严重的依照有关规定处理 法律另有规定的从其规定"
        " 但涉及国家秘密和商业秘密的除外 必要时可以组织听证 期限届满前可以申请延长一次 由此造成的损失由责任方承担"
        " 相关费用由双方协商确定 不影响其他条款的效力 并同时抄送上一级主管部门 不予受理的应当说明理由"
    ),
    metrics=_words("违约金比例 保证金金额 办理时限 罚款数额 备案数量 抽检合格率 复议申请数 结案率"),
    units=_words("万元 日 件 个工作日 份 次"),
    terms=_words("PDF CA USB ISO GB/T"),
)

TECHNICAL = Domain(
    title=_words(
        "智能配电终端安装与运维手册 分布式存储系统设计说明书 工业机器人控制器技术规范 城市轨道信号系统测试报告"
    ),
    topics=_words(
        "系统概述 总体架构 硬件组成 软件模块划分 通信接口 数据采集流程 安装准备 接线要求 参数设置 功能测试 性能指标"
        " 故障诊断 日常维护 安全注意事项 备份与恢复 升级步骤 环境适应性 电磁兼容 容量规划 访问控制 日志管理"
        " 时钟同步 冗余切换 校准方法 报警处理"
    ),
    subjects=_words(
        "控制器 主站系统 采集终端 操作人员 运维平台 存储节点 调度程序 传感器模块 备用电源 网关设备 监控服务 维护工程师"
        " 通信单元 数据库集群"
    ),
    actions=_words(
        "周期性检查 实时采集 自动切换到 重新加载 逐条校验 异步写入 限制访问 依次启动 动态分配 远程配置 统一记录"
    ),
    objects=_words(
        "三相电压与电流数据 冗余链路 固件版本信息 心跳报文 缓存队列 告警阈值 证书文件 温度补偿系数 日志分区"
        " 任务优先级 副本一致性状态 模拟量输入通道 断路器分合状态 时间同步报文"
    ),
    remarks=_words(
        "响应时间不超过规定的上限 异常情况会写入事件日志 断电后配置不会丢失 需要管理员权限才能执行 建议在业务低谷期操作"
        " 连续三次失败后进入保护状态 其余通道不受影响 具体数值见后面的参数表 以避免单点故障"
        " 校验失败的数据将被丢弃并重传 过程中不得断开电源 可通过命令行或网页完成"
    ),
    metrics=_words(
        "平均响应时间 吞吐量 额定电压 采样频率 误码率 存储容量 工作温度上限 绝缘电阻 平均无故障时间 并发连接数"
    ),
    units=("ms", "MB/s", "V", "kHz", "GB", "mA", "MΩ", "h", "A", "mm"),
    terms=_words("TCP Modbus OPC-UA RS-485 IEC61850 API NTP SNMP TLS1.3 JSON"),
)

ENGLISH = Domain(
    title=(
        "Annual Review of Warehouse Operations",
        "Guidelines for Secure Data Exchange",
        "Technical Report on Battery Storage Systems",
    ),
    topics=(
        "Scope and Purpose",
        "Market Overview",
        "System Architecture",
        "Data Collection",
        "Risk Assessment",
        "Quality Control",
        "Supplier Evaluation",
        "Installation Requirements",
        "Test Procedure",
        "Access Control",
        "Cost Analysis",
        "Maintenance Schedule",
        "Training of Personnel",
        "Incident Reporting",
        "Retention of Records",
        "Energy Consumption",
        "Change Management",
        "Performance Targets",
        "Transport and Storage",
        "Open Questions",
    ),
    subjects=(
        "the operations team",
        "each regional office",
        "the supplier",
        "the project manager",
        "the audit committee",
        "a qualified engineer",
        "the control unit",
        "every business unit",
        "the service provider",
        "the data owner",
    ),
    actions=(
        "reviews",
        "must document",
        "is responsible for",
        "regularly updates",
        "has to approve",
        "shall verify",
        "may request",
        "carefully monitors",
        "reports on",
        "coordinates",
    ),
    objects=(
        "the quarterly inventory count",
        "all changes to the configuration",
        "the list of approved vendors",
        "the temperature of the storage area",
        "access rights of temporary staff",
        "the calibration certificates",
        "deviations from the annual budget",
        "the results of acceptance tests",
        "customer complaints and returns",
        "the transfer of personal data",
    ),
    remarks=(
        "which reduced the average handling time considerably",
        "unless a written exception has been granted",
        "and the findings are filed for at least five years",
        "so that delays become visible at an early stage",
        "although several sites still rely on manual records",
        "before the next reporting period begins",
        "as described in the following section",
        "in agreement with the local management",
    ),
    metrics=(
        "net revenue",
        "average lead time",
        "energy consumption",
        "the failure rate",
        "storage capacity",
        "staff turnover",
    ),
    units=("USD million", "days", "kWh", "units", "percent", "hours"),
    terms=("ERP", "ISO 9001", "HVAC", "API", "SLA"),
)

DOMAINS = {"business": BUSINESS, "legal": LEGAL, "technical": TECHNICAL, "english": ENGLISH}
